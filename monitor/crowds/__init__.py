"""Crowds: who carries a topic. The circles its accounts fall into, their influence, and whether they are real.

How one post spreads is :mod:`monitor.cascades`. Kept on the hot path are a fading graph of who passes on whom
(:mod:`~monitor.crowds.neighbourhood`) and the groups that act as one (:mod:`~monitor.crowds.coordination`); the graph
of an incident is made on demand (:mod:`~monitor.crowds.graph`, :mod:`~monitor.crowds.analysis`). Accounts are
the integer pseudonyms of :class:`monitor.topics.Match`.
"""
