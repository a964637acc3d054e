"""The work itself: poll an entry's way in, decide, claim and send; shared by run, replay and demo.

What may enter: jobs, articles and deliveries with a clock as argument. Joins pure rooms to the store; decides nothing.
"""
