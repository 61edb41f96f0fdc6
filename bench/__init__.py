"""Benchmarks: each runs the project and a named baseline in one process and reports their ratio with its spread."""
