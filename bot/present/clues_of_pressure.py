"""The sentences for what the kernel keeps from a process."""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {
    "stands_in_queue": "it wants {wanted} cores and gets {got}: the rest of the time it stands in the queue for one",
    "ran_out_of_quota": "its control group {group} may use {cores} cores, and ran out of that in {share} of all periods",
    "only_these_cores": "it may run on core {cores} only, and others want that too",
    "no_core_free": "no core of the host is free",
    "starved_too": "it is starved as well: it wants {wanted} cores and gets {got}",
    "raise_the_quota": "Raise the quota (CPUQuota= of the unit, the limit of the container), or find who else in that group uses it up.",
    "free_a_core": "Look at what else runs there: `/hang top`. A restart will not help.",
    "reads_pages_back": "it waited {faults} times in {seconds} s for a page to be read back",
    "waits_for_page": "it waits for a page to be read back",
    "reclaims_itself": "it has to free memory itself before it goes on, in {where}",
    "group_is_full": "its control group {group} is at its limit of {limit} MiB and keeps running into it",
    "pages_come_back": "{pages} pages that were given up were read back at once",
    "stalls_for_memory": "somebody stands still for want of memory {share} of the time",
    "host_swaps": "the host swaps: {pages} pages were read back in half a second",
    "host_is_full": "the host is out of free memory: who wants some has to free it first",
    "give_it_memory": "Give it more memory, or find what takes it. A restart helps for as long as it stays small.",
}
