"""Handing over: an email to the mail server, a letter to GOV.UK Notify. Nothing here changes a row.

Each way out says what became of it in the terms of jobs.handover: nothing left (NotSentError), refused for good
(RefusedError), or nobody can say (InDoubtError). Their words hold no personal data, so they quote no answer.
"""
