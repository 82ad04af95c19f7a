"""The smallest shop that sends a task, in three frameworks and in two ways."""
