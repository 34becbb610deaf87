"""Settings of the shop's tenants: what a tenant does not set, it inherits."""

TENANTS = {
    "base": {"theme": "plain", "currency": "EUR"},
    "bikes": {"theme": "green"},
    "books": {"currency": "GBP"},
    "tea": {"currency": "CHF"},
}
PARENTS = {
    "bikes": "base",
    "books": "base",
    "tea": "tea",  # the mistake of the story: it inherits from itself
}


class Settings:
    """Looks a key up along the line of inheritance."""

    def get(self, tenant, key):
        values = TENANTS[tenant]
        if key in values:
            return values[key]
        return self.inherited(tenant, key)

    def inherited(self, tenant, key):
        parent = PARENTS[tenant]
        return self.get(parent, key)
