"""The composition root: alone it names concrete adapters, and says what each command does with them."""
