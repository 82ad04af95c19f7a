"""The rules, one module for what a finding is about; importing a module adds its rules."""
