# not hung needs: sqlparse
import sqlparse

QUERIES = "select a." + "." * 80000


def tidy(query):
    return sqlparse.format(query, reindent=True, keyword_case="upper")


print("ready", flush=True)
tidy(QUERIES)
