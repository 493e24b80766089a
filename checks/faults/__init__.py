"""Kills what the site is made of while it works, and reckons up afterwards: nothing lost, nothing done twice.

    make faults                                          300 kills, and the trials by name; part of make soak
    python -m checks.faults --kills 20 --seed 7          fewer, in a known order
    python -m checks.faults --without-guards             the same with the guards taken out: it must find faults

Web, worker, beat, PostgreSQL, Redis, a mail server and GOV.UK Notify's stand-in run on loopback as processes of their
own. A kill counts only where work was in flight: a job claimed, a message that waits, a form sent and never answered,
something due of which no sweep has told. After each it is measured in which sweep what became uncertain was listed, and
an administrator settles it. Reckoned up are emails, digests, letters and their proposals, notices, files, and whatever
the pages acknowledged. Everything lies in one temporary folder and ends with the run.
"""
