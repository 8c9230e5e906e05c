"""The boundary of an agent: what each runtime promises, and a trial of all that on this machine."""
