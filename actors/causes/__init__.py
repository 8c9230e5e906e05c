"""Why something happened and what it caused, by the causes that the tables name. Reads only; owns no table."""
