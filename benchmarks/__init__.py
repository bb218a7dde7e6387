"""The speed claims of salesflow, each measured beside its peers in one run.

``make bench`` runs all of them; ``python -m benchmarks life loading`` runs some.
"""
