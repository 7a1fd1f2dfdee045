"""Simulator, labelled scenarios, scoring."""
