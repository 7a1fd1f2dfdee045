"""badbuzz: early warning for brand crises.

A public post comes in. We recognise which watched *topics* it is about, fold it into what we measure about
each topic, ask whether that measure is too unlikely given what is normal there at this hour, collect unlikely
measures into an *incident* a person can understand, and tell the right people once, with the evidence.

``sources -> mentions -> topics -> cascades/crowds/signals -> anomalies -> incidents -> alerts -> notifiers``

Every package is named after the noun it hands on. From a :class:`~monitor.mentions.Mention` to an
:class:`~monitor.incidents.Incident` there is no I/O, no thread and no clock: time comes in with the data, so a
replayed crisis, a unit test and the live service run exactly the same path.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
