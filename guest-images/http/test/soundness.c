/* TCP itself, for a look inside: what must be so whatever has come. */
#include "../tcp.c"

#include "world.h"

static void check_connection(const struct connection *one)
{
    uint32_t edge = one->expected + buffer_room(&one->rx);
    REQUIRE(one->is_used && connection_find(&one->remote) == one);
    REQUIRE(one->rx.used <= buffer_size && one->tx.used <= buffer_size);
    REQUIRE(one->rx.start < buffer_size && one->tx.start < buffer_size);
    REQUIRE(one->range_count <= MOST_RANGES);
    for (unsigned i = 0; i < one->range_count; i++) {
        REQUIRE(is_before(i ? one->ranges[i - 1].to : one->expected, one->ranges[i].from));
        REQUIRE(is_before(one->ranges[i].from, one->ranges[i].to));
        REQUIRE(one->ranges[i].to - one->expected <= edge - one->expected);
    }
    REQUIRE(one->next - one->unacknowledged <= one->tx.used + 1);
    REQUIRE(one->end - one->unacknowledged <= one->tx.used + 1);
    REQUIRE(one->next - one->unacknowledged <= one->end - one->unacknowledged);
    REQUIRE(one->congestion_window >= one->segment_size && one->segment_size >= LEAST_SEGMENT);
    REQUIRE(one->is_fin_received || one->window_end - one->expected <= buffer_room(&one->rx));
    REQUIRE(!(one->tx.used || (one->is_closing && !one->is_fin_acknowledged)) || one->timer != NEVER);
    REQUIRE(one->patience != NEVER && one->patience >= next_tick && one->timer >= next_tick);
}

void world_check(void)
{
    unsigned used = 0, free = 0, hashed = 0, most = 0;
    for (const struct connection *one = newest; one; one = one->older, used++) check_connection(one);
    for (const struct connection *one = unused; one; one = one->next_of_hash) free++;
    for (unsigned i = 0; i < BUCKETS; i++)
        for (const struct connection *one = buckets[i]; one; one = one->next_of_hash) hashed++;
    while (most < MOST_CONNECTIONS && connections[most].rx.bytes) most++;
    REQUIRE(used == count && used == hashed && used + free <= most);
}
