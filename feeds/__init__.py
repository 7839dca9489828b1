"""Calendar feeds: the values that every format carries, and one module for each wire format.

A library of its own: it knows neither the web framework nor the database.
"""
