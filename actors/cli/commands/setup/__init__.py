"""What the hive needs of the machine and of the operator: checks, images, secrets, completion."""
