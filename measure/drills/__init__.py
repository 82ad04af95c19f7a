"""What is lost and what is done twice when something dies: real processes, counted outcomes."""
