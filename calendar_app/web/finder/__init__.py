"""The date finder: when could a meeting be held, what speaks for and against each date."""
