/* Heads of requests, and what is to be said of each. */
#include "world.h"

static const struct { const char *head; int status; } HEADS[] = {
    {"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"GET / HTTP/1.0\r\n\r\n", 0},
    {"GET /?q HTTP/1.1\r\nhOsT:a\r\n\r\n", 0},
    {"GET http://a/x HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:  7 \r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n", 0},
    {"GET / HTTP/1.1\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
    {"GET / HTTP/1.1\nHost: a\n\n", 400},
    {"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1 \r\nHost: a\r\n\r\n", 400},
    {" GET / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\r\nHost: a\r\n\r\n", 400},
    {"GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /#f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"G\x01T / HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/2.0\r\nHost: a\r\n\r\n", 505},
    {"GET / HTTP/11\r\nHost: a\r\n\r\n", 400},
    {"GET / http/1.1\r\nHost: a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost : a\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nX: \x01\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\nnothing\r\n\r\n", 400},
    {"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0x1\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length:\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1099511627777\r\n\r\n", 413},
    {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
    {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n\r\n", 0},
    {"POST / HTTP/1.1\r\nHost: a\r\nExpect: wonders\r\n\r\n", 417},
};

static int status_of(const char *head, struct request *request)
{
    size_t size = strlen(head);
    char *exact = malloc(size); /* so that a byte too far is seen */
    memcpy(exact, head, size);
    int status = parse_request(exact, size, request);
    free(exact);
    return status;
}

static void check_digest(const char *text, const char *wanted)
{
    struct sha256 digest;
    uint8_t result[32];
    char hex[65];
    sha256_start(&digest);
    for (const char *at = text; *at; at++) sha256_add(&digest, (const uint8_t *)at, 1);
    sha256_finish(&digest, result);
    for (unsigned i = 0; i < 32; i++) snprintf(hex + 2 * i, 3, "%02x", result[i]);
    REQUIRE(strcmp(hex, wanted) == 0);
}

void test_requests(void)
{
    struct request request;
    for (size_t i = 0; i < sizeof HEADS / sizeof *HEADS; i++) {
        int status = status_of(HEADS[i].head, &request);
        if (status != HEADS[i].status) fprintf(stderr, "%d for %s", status, HEADS[i].head);
        REQUIRE(status == HEADS[i].status);
        /* What is cut short anywhere is never taken. */
        for (size_t size = 0; size + 1 < strlen(HEADS[i].head); size++) {
            char *cut = strdup(HEADS[i].head);
            cut[size] = 0;
            REQUIRE(status_of(cut, &request) != 0);
            free(cut);
        }
    }
    char *huge = malloc(LARGEST_TARGET + 100);
    memset(huge, 'a', LARGEST_TARGET + 100);
    memcpy(huge, "GET /", 5);
    strcpy(huge + LARGEST_TARGET + 50, " HTTP/1.1\r\nHost: a\r\n\r\n");
    REQUIRE(status_of(huge, &request) == 414);
    free(huge);
    REQUIRE(status_of("GET / HTTP/1.1\r\nHost: a\r\nConnection: x , Close\r\n\r\n", &request) == 0 && !request.keeps_alive);
    REQUIRE(status_of("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", &request) == 0 && request.keeps_alive);
    /* The examples of FIPS 180-4. */
    check_digest("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check_digest("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check_digest("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                 "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}
