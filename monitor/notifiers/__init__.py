"""Edge out: Alert -> the world."""
