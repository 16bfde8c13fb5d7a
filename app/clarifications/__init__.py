"""Questions about a brief or a round of a framework, answered to everybody at once, and nobody is told who asked.

One engine for both. A question is asked, accepted in words that hide its asker or returned with a reason, and answered; one
asked in confidence is answered to its asker alone, if those who answer agree. An answer that changes what is asked for waits
for the amendment, and one that comes late moves the deadline or says why not.
"""
