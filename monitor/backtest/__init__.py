"""Simulator, labelled scenarios, scoring.

A :class:`~monitor.backtest.simulation.Simulation` is a seeded world in which people talk about fictitious brands: the
ordinary days of each come from :mod:`~monitor.backtest.chatter`, a scenario plants a story into them, every post
makes others react, and :mod:`~monitor.backtest.writer` puts it all into words. What was planted is kept as
:class:`~monitor.backtest.plans.Truth`, which the monitor never sees.

:mod:`~monitor.backtest.trials` runs such streams, or recorded ones, through the production pipeline and scores what it
tells, beside what :mod:`~monitor.backtest.rivals` say of the same minutes.

Its laws and constants are those measured on public data where there are any (reaction delays and audience sizes), and
say so where they are our choice.
"""
