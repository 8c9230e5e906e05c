"""The crash watch: sees containers end that nobody asked to, and tells the manager."""
