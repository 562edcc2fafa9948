"""Errors of the engine: one root, so that the shell translates them in one place."""


class AccError(Exception):
    """Root of every error this integration raises on purpose."""


class AllocationError(AccError):
    """Energies or coefficients that cannot be shared; the message names the culprit."""
