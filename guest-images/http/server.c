#include "server.h"
#include "tcp.h"

enum {
    PATTERN = 251, PATTERN_SIZE = 33 * PATTERN, /* what a page of a given size repeats: 0 to 250, so that no shift goes unseen */
    ROOM_TO_ANSWER = 1024,                      /* for heads, and for bodies that are short */
    ROOM_TO_ECHO = 64,                          /* less is not worth a chunk */
    AROUND_CHUNK = 12,                          /* its size, and two ends of lines */
    LARGEST_LINE = 256,                         /* of a chunk's size with extensions */
};
static const uint64_t PATIENCE = 60000000000, PATIENCE_AT_END = 10000000000;

uint64_t server_answered, server_limit = UINT64_MAX;
bool server_ends;

static uint8_t pattern[PATTERN_SIZE];

struct status { int code; const char *reason; };
static const struct status STATUSES[] = {
    {200, "OK"}, {400, "Bad Request"}, {404, "Not Found"}, {405, "Method Not Allowed"}, {413, "Content Too Large"},
    {414, "URI Too Long"}, {417, "Expectation Failed"}, {431, "Request Header Fields Too Large"}, {501, "Not Implemented"},
    {505, "HTTP Version Not Supported"},
};

static const char *reason(int code)
{
    const struct status *status = STATUSES;
    while (status->code != code) status++;
    return status->reason;
}

static void append(struct connection *connection, struct line *line)
{
    buffer_append(&connection->tx, line->bytes, (uint32_t)line->used);
}

/* The head of an answer but for what says how long it is. */
static void begin_head(struct line *line, int code, const struct exchange *exchange)
{
    line->used = 0;
    add_text(line, "HTTP/1.1 ");
    add_decimal(line, (uint64_t)code);
    add_text(line, " ");
    add_text(line, reason(code));
    add_text(line, exchange->keeps_alive ? "\r\nConnection: keep-alive\r\n" : "\r\nConnection: close\r\n");
}

static void add_size(struct line *line, uint64_t size)
{
    add_text(line, "Content-Length: ");
    add_decimal(line, size);
    add_text(line, "\r\n\r\n");
}

static uint64_t length(const char *text)
{
    return (uint64_t)(find_byte(text, text + LARGEST_LINE, 0) - text);
}

static void answer_text(struct connection *connection, int code, const char *fields, const char *text, bool has_body)
{
    struct line line;
    begin_head(&line, code, &connection->exchange);
    add_text(&line, "Content-Type: text/plain\r\n");
    add_text(&line, fields);
    add_size(&line, length(text));
    if (has_body) add_text(&line, text);
    append(connection, &line);
}

/* Nothing more is read: what follows a request that is not understood is not understood either. */
static void leave(struct connection *connection, uint64_t now)
{
    tcp_close(connection);
    connection->exchange.phase = LEAVING;
    connection->patience = now + PATIENCE_AT_END;
}

static void refuse_request(struct connection *connection, int code, const char *fields, bool has_body, uint64_t now)
{
    struct line text;
    text.used = 0;
    add_text(&text, reason(code));
    add_bytes(&text, "\n", 2);
    connection->exchange.keeps_alive = false;
    answer_text(connection, code, fields, text.bytes, has_body);
    server_answered++;
    leave(connection, now);
}

static void await_request(struct connection *connection, uint64_t now)
{
    connection->exchange.phase = HEAD_COMES;
    connection->exchange.scanned = 0;
    connection->patience = now + PATIENCE;
}

void server_open(struct connection *connection, uint64_t now)
{
    await_request(connection, now);
}

static void finish(struct connection *connection, uint64_t now)
{
    server_answered++;
    if (connection->exchange.keeps_alive)
        await_request(connection, now);
    else
        leave(connection, now);
}

/* Begins to answer with the pattern, or its head alone. */
static void answer_pattern(struct connection *connection, uint64_t size, bool has_body)
{
    struct exchange *exchange = &connection->exchange;
    struct line line;
    begin_head(&line, 200, exchange);
    add_text(&line, "Content-Type: application/octet-stream\r\n");
    add_size(&line, size);
    append(connection, &line);
    exchange->position = 0;
    exchange->size = has_body ? size : 0;
    exchange->sends_pattern = true;
}

/* The answer is as long as the request, so it can begin before that has come. */
static void answer_echo(struct connection *connection, const struct request *request)
{
    struct exchange *exchange = &connection->exchange;
    struct line line;
    begin_head(&line, 200, exchange);
    add_text(&line, "Content-Type: application/octet-stream\r\n");
    if (request->framing == CHUNKED)
        add_text(&line, "Transfer-Encoding: chunked\r\n\r\n");
    else
        add_size(&line, request->size);
    append(connection, &line);
    exchange->sink = ECHO;
    exchange->answers_chunked = request->framing == CHUNKED;
}

static void answer_digest(struct connection *connection)
{
    uint8_t digest[32];
    char text[2 * sizeof digest + 2];
    sha256_finish(&connection->exchange.digest, digest);
    for (unsigned i = 0; i < sizeof digest; i++) {
        text[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        text[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    memcpy(text + 2 * sizeof digest, "\n", 2);
    answer_text(connection, 200, "", text, true);
}

/* Decides what to do with a request, and says so; the body, if any, comes next. */
static void begin(struct connection *connection, const struct request *request, uint64_t now)
{
    static const char bytes[] = "/bytes/";
    struct exchange *exchange = &connection->exchange;
    const char *path = request->path, *end = path + request->path_size, *number = path + sizeof bytes - 1;
    bool is_page = is_text(path, end, "/"), is_echo = is_text(path, end, "/echo"), is_digest = is_text(path, end, "/digest");
    bool takes_body = is_echo || is_digest, has_body = request->method != HEAD;
    uint64_t size = 0;
    bool is_pattern = end > number && memcmp(path, bytes, sizeof bytes - 1) == 0 && parse_number(number, end, 10, &size);
    if (!is_page && !takes_body && !is_pattern) {
        refuse_request(connection, 404, "", has_body, now);
        return;
    }
    if (takes_body ? request->method != POST : request->method != GET && request->method != HEAD) {
        refuse_request(connection, 405, takes_body ? "Allow: POST\r\n" : "Allow: GET, HEAD\r\n", has_body, now);
        return;
    }
    bool is_sized = request->framing == SIZED, has_content = request->framing == CHUNKED || request->size;
    static const char go_on[] = "HTTP/1.1 100 Continue\r\n\r\n";
    if (request->expects_continue && has_content && !request->is_old) buffer_append(&connection->tx, go_on, sizeof go_on - 1);
    exchange->keeps_alive = request->keeps_alive && !server_ends && server_answered + 1 < server_limit;
    exchange->phase = BODY_COMES;
    exchange->part = request->framing == CHUNKED ? CHUNK_LINE : SIZED_DATA;
    exchange->left = is_sized ? request->size : 0;
    exchange->trailer = 0;
    exchange->sink = DISCARD;
    exchange->answers_chunked = exchange->sends_pattern = false;
    if (is_page) answer_text(connection, 200, "", "Hello from a jukvm guest\n", has_body);
    if (is_pattern) answer_pattern(connection, size, has_body);
    if (is_echo) answer_echo(connection, request);
    if (is_digest) {
        exchange->sink = DIGEST;
        sha256_start(&exchange->digest);
    }
}

/* Reads the next head if all of it is there. False if there is nothing to do before more comes, or goes. */
static bool run_head(struct connection *connection, uint64_t now)
{
    static char head[LARGEST_HEAD];
    struct exchange *exchange = &connection->exchange;
    struct request request;
    struct buffer *rx = &connection->rx;
    if (buffer_room(&connection->tx) < ROOM_TO_ANSWER) return false;
    uint32_t size = rx->used < sizeof head ? rx->used : sizeof head;
    buffer_copy(rx, 0, head, size);
    if (size >= 2 && memcmp(head, "\r\n", 2) == 0) { /* as some clients send after a body: RFC 9112, 2.2 */
        buffer_take(rx, 2);
        exchange->scanned = 0;
        return true;
    }
    const char *from = head + exchange->scanned, *end = head + size, *feed;
    while ((feed = find_byte(from, end, '\n')) != end) {
        if (feed - head >= 3 && memcmp(feed - 3, "\r\n\r", 3) == 0) break;
        from = feed + 1;
    }
    exchange->scanned = size;
    if (feed == end) {
        if (size == sizeof head)
            refuse_request(connection, find_byte(head, end, '\n') == end ? 414 : 431, "", true, now);
        else if (connection->is_fin_received)
            leave(connection, now);
        return exchange->phase == LEAVING;
    }
    size_t whole = (size_t)(feed + 1 - head);
    int status = parse_request(head, whole, &request);
    buffer_take(rx, (uint32_t)whole);
    exchange->scanned = 0;
    if (status)
        refuse_request(connection, status, "", request.method != HEAD, now);
    else
        begin(connection, &request, now);
    return true;
}

static void append_chunk(struct connection *connection, const uint8_t *data, uint32_t size)
{
    struct line line;
    line.used = 0;
    add_hex(&line, size);
    buffer_append(&connection->tx, line.bytes + 2, (uint32_t)line.used - 2);
    buffer_append(&connection->tx, "\r\n", 2);
    buffer_append(&connection->tx, data, size);
    buffer_append(&connection->tx, "\r\n", 2);
}

/* Moves data of the body to where it belongs. False if there is none, or no room for it. */
static bool run_data(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    uint32_t size, room = buffer_room(&connection->tx);
    const uint8_t *data = buffer_piece(&connection->rx, 0, &size);
    if (size > exchange->left) size = (uint32_t)exchange->left;
    if (exchange->sink == ECHO) {
        if (room < ROOM_TO_ECHO) return false;
        if (exchange->answers_chunked) room -= AROUND_CHUNK;
        if (size > room) size = room;
    }
    if (!size) return false;
    if (exchange->sink == DIGEST) sha256_add(&exchange->digest, data, size);
    if (exchange->sink == ECHO && exchange->answers_chunked) append_chunk(connection, data, size);
    if (exchange->sink == ECHO && !exchange->answers_chunked) buffer_append(&connection->tx, data, size);
    buffer_take(&connection->rx, size);
    exchange->left -= size;
    return true;
}

/* Takes a line out of the body, without its end. Returns its size; -1 if there is none yet, -2 if it is wrong or too long. */
static int take_line(struct connection *connection, char line[LARGEST_LINE])
{
    struct buffer *rx = &connection->rx;
    uint32_t size = rx->used < LARGEST_LINE ? rx->used : LARGEST_LINE;
    buffer_copy(rx, 0, line, size);
    const char *feed = find_byte(line, line + size, '\n');
    if (feed == line + size) return size == LARGEST_LINE ? -2 : -1;
    if (feed == line || feed[-1] != '\r') return -2;
    buffer_take(rx, (uint32_t)(feed + 1 - line));
    return (int)(feed - 1 - line);
}

/* Reads what is between the chunks of a body. Returns 0, -1 if more must come, or the status to refuse it with. */
static int run_line(struct connection *connection)
{
    struct exchange *exchange = &connection->exchange;
    char line[LARGEST_LINE];
    int size = take_line(connection, line);
    if (size == -1) return -1;
    if (size < 0) return exchange->part == TRAILER ? 431 : 400;
    if (exchange->part == CHUNK_END) {
        exchange->part = CHUNK_LINE;
        return size ? 400 : 0;
    }
    if (exchange->part == TRAILER) {
        exchange->trailer += (uint32_t)size + 2;
        if (!size) exchange->part = SIZED_DATA;
        return exchange->trailer > LARGEST_HEAD ? 431 : 0;
    }
    const char *extensions = find_byte(line, line + size, ';');
    while (extensions > line && (extensions[-1] == ' ' || extensions[-1] == '\t')) extensions--;
    if (!parse_number(line, extensions, 16, &exchange->left)) return 400;
    exchange->part = exchange->left ? CHUNK_DATA : TRAILER;
    return 0;
}

/* Goes on with the body. False if more must come, or go. */
static bool run_body(struct connection *connection, uint64_t now)
{
    struct exchange *exchange = &connection->exchange;
    int status = 0;
    if (exchange->part == SIZED_DATA && !exchange->left) {
        if (buffer_room(&connection->tx) < ROOM_TO_ANSWER) return false;
        if (exchange->sink == DIGEST) answer_digest(connection);
        if (exchange->answers_chunked) buffer_append(&connection->tx, "0\r\n\r\n", 5);
        exchange->phase = PATTERN_GOES;
        return true;
    }
    bool is_data = exchange->part == SIZED_DATA || exchange->part == CHUNK_DATA;
    if (is_data) {
        status = run_data(connection) ? 0 : -1;
        if (!exchange->left && exchange->part == CHUNK_DATA) exchange->part = CHUNK_END;
    } else {
        status = run_line(connection);
    }
    if (status == 0) {
        connection->patience = now + PATIENCE;
        return true;
    }
    bool is_cut = connection->is_fin_received && !connection->rx.used;
    /* An answer that has begun can only be broken off. */
    if (is_cut || (status > 0 && exchange->sink != DIGEST))
        tcp_abort(connection);
    else if (status > 0)
        refuse_request(connection, status, "", true, now);
    return status > 0 && !is_cut && exchange->sink == DIGEST;
}

static bool run_pattern(struct connection *connection, uint64_t now)
{
    struct exchange *exchange = &connection->exchange;
    if (!exchange->sends_pattern || exchange->position == exchange->size) {
        finish(connection, now);
        return true;
    }
    if (!pattern[1]) {
        for (unsigned i = 0; i < PATTERN; i++) pattern[i] = (uint8_t)i;
        for (unsigned i = PATTERN; i < PATTERN_SIZE; i += PATTERN) memcpy(pattern + i, pattern, PATTERN);
    }
    uint32_t offset = (uint32_t)(exchange->position % PATTERN), size = PATTERN_SIZE - offset, room = buffer_room(&connection->tx);
    if (size > exchange->size - exchange->position) size = (uint32_t)(exchange->size - exchange->position);
    if (size > room) size = room;
    if (!size) return false;
    buffer_append(&connection->tx, pattern + offset, size);
    exchange->position += size;
    connection->patience = now + PATIENCE;
    return true;
}

static bool run_once(struct connection *connection, uint64_t now)
{
    switch (connection->exchange.phase) {
    case HEAD_COMES:
        return run_head(connection, now);
    case BODY_COMES:
        return run_body(connection, now);
    case PATTERN_GOES:
        return run_pattern(connection, now);
    default:
        buffer_take(&connection->rx, connection->rx.used);
        return false;
    }
}

void server_run(struct connection *connection, uint64_t now)
{
    while (connection->is_used && run_once(connection, now)) {
    }
}

/* Who has asked for nothing is told that nothing more will be answered. */
void server_expire(struct connection *connection, uint64_t now)
{
    if (connection->exchange.phase == HEAD_COMES && !connection->tx.used && !connection->rx.used) {
        leave(connection, now);
        tcp_wake(connection);
    } else {
        tcp_abort(connection);
    }
}
