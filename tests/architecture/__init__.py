"""The shape of the code: who imports whom, what stays pure, what is translated."""
