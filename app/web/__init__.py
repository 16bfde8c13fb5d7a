"""HTTP manners: doors with keepers, pages, forms, sessions' cookies, errors. It knows no word of adoption."""
