"""Whose code a Java frame is, and under which path its source would lie: a JVM prints class names and bare file names."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bot.domain.stacks import Frame, Origin

JDK = ("java.", "javax.", "jdk.", "sun.", "com.sun.", "netscape.javascript.")
PACKAGES = (
    "akka.", "ch.qos.logback.", "clojure.", "com.alibaba.druid.", "com.fasterxml.", "com.github.benmanes.", "com.google.", "com.ibm.",
    "com.mchange.", "com.microsoft.sqlserver.", "com.mongodb.", "com.mysql.", "com.netflix.", "com.zaxxer.", "feign.", "groovy.",
    "io.grpc.", "io.lettuce.", "io.micrometer.", "io.micronaut.", "io.netty.", "io.quarkus.", "io.reactivex.", "io.undertow.",
    "io.vertx.", "jakarta.", "kafka.", "kotlin.", "kotlinx.", "net.bytebuddy.", "net.sf.", "okhttp3.", "okio.", "oracle.", "org.apache.",
    "org.aspectj.", "org.codehaus.", "org.eclipse.", "org.glassfish.", "org.h2.", "org.hibernate.", "org.hsqldb.", "org.jboss.",
    "org.jooq.", "org.junit.", "org.mariadb.", "org.postgresql.", "org.quartz.", "org.slf4j.", "org.springframework.", "org.sqlite.",
    "org.thymeleaf.", "org.xnio.", "reactor.", "redis.clients.", "rx.", "scala.", "zio.",
)  # fmt: skip
"""Where public packages begin their names."""
LAUNCHED = re.compile(r"\s(?:-(?:cp|classpath|jar|m|-module|p|-module-path|-class-path)\s+\S+|-\S+)")
MADE = re.compile(r"\$\$|^<|GeneratedMethodAccessor|\$Proxy\d")
"""Classes that were made at run time: the source of none of them exists."""


@dataclass(frozen=True, kw_only=True)
class Names:
    """How the application's own packages begin, empty where that is not known: then all that is nobody else's is its own."""

    own: str = ""

    @classmethod
    def of_command(cls, command: str) -> "Names":
        """Take the packages from the main class of a command line; a launcher's of a public package says nothing."""
        main = next(iter(LAUNCHED.sub(" ", command).split()[1:2]), "").rpartition("/")[2]
        package = main.rpartition(".")[0]
        known = not package or main.endswith(".jar") or main.startswith((*JDK, *PACKAGES))
        return cls(own="" if known else ".".join(package.split(".")[:2]) + ".")

    def frames(self, rows: Sequence[tuple[str, str]]) -> Iterator[Frame]:
        """Return frames of (`com.shop.Orders.place`, `Orders.java:41`) in order, each with whose it is."""
        split = [_split(where) for where, _ in rows]
        known = bool(self.own) and any(name.startswith(self.own) for name, _ in split)
        for (name, method), (_, source) in zip(split, rows, strict=True):
            package, _, simple = name.rpartition(".")
            file, _, line = source.rpartition("/")[2].partition(":")
            if not re.search(r"\.\w+$", file):  # native, or its source is not known
                file = f"{simple.partition('$')[0]}.java"
            folder = package.replace(".", "/")
            yield Frame(
                file=f"{folder}/{file}" if folder else file,
                line=int(line) if line.isdecimal() else 0,
                function=f"{simple}.{method}",
                origin=self._origin(name, known=known),
            )

    def _origin(self, name: str, *, known: bool) -> Origin:
        if name.startswith(JDK):
            return Origin.INTERPRETER
        if self.own and name.startswith(self.own) and not MADE.search(name):
            return Origin.APPLICATION
        if MADE.search(name) or name.startswith(PACKAGES):
            return Origin.LIBRARY
        return Origin.LIBRARY if known else Origin.APPLICATION


def _split(where: str) -> tuple[str, str]:
    """Return class and method, without the module or class loader in front and the address behind of a made class."""
    plain = re.sub(r"/0x[0-9a-f]+", "", where).rpartition("/")[2]
    name, _, method = plain.rpartition(".")
    return name, method
