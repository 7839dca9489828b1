"""The calendar: a month, a week or a day of it."""
