"""What can go wrong with a backup."""


class BackupError(Exception):
    """There is no new backup."""


class BusyError(BackupError):
    """Another process is making a backup."""
