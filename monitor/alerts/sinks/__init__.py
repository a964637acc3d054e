"""Ways out: each sink sends one frozen payload once and says what came of it (an Outcome).

What may enter: a Delivery. A sink never retries inside; a new one is one file and one line in `SINKS`.
"""
