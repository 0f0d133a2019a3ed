#include "request.h"

enum { MALFORMED = 400, TOO_LARGE = 413, TARGET_TOO_LONG = 414, EXPECTATION_FAILED = 417, NOT_IMPLEMENTED = 501, VERSION = 505 };
static const uint64_t LARGEST_BODY = 1ull << 40;

/* What a head has said so far. */
struct fields {
    struct request *request;
    bool has_host, has_size, has_encoding, closes, keeps;
};

const char *find_byte(const char *from, const char *end, char byte)
{
    size_t left = (size_t)(end - from);
    bool is_found;
    if (!left) return end;
    __asm__ volatile("repne scasb" : "+D"(from), "+c"(left), "=@cce"(is_found) : "a"(byte) : "memory");
    return is_found ? from - 1 : end;
}

static char small(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c + 'a' - 'A') : c;
}

bool is_text(const char *from, const char *end, const char *text)
{
    while (from < end && *text && small(*from) == *text) from++, text++;
    return from == end && !*text;
}

static int digit(char c)
{
    c = small(c);
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 16;
}

bool parse_number(const char *from, const char *end, unsigned base, uint64_t *value)
{
    *value = 0;
    if (from == end) return false;
    for (; from < end; from++) {
        unsigned next = (unsigned)digit(*from);
        if (next >= base || *value > (uint64_t)INT64_MAX / base - 1) return false;
        *value = *value * base + next;
    }
    return true;
}

/* RFC 9110, 5.6.2. */
static bool is_token_byte(char c)
{
    static const char others[] = "!#$%&'*+-.^_`|~";
    char letter = small(c);
    if ((letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9')) return true;
    return c && find_byte(others, others + sizeof others - 1, c) != others + sizeof others - 1;
}

static bool is_token(const char *from, const char *end)
{
    if (from == end) return false;
    while (from < end && is_token_byte(*from)) from++;
    return from == end;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* The path of a target, which may name the server, too: RFC 9112, 3.2. */
static int parse_target(const char *from, const char *end, struct request *request)
{
    static const char scheme[] = "http://";
    if (end - from > LARGEST_TARGET) return TARGET_TOO_LONG;
    for (const char *at = from; at < end; at++)
        if (*at <= ' ' || *at == 0x7f || *at == '#') return MALFORMED;
    const char *authority = from + sizeof scheme - 1;
    if (end - from >= (ptrdiff_t)sizeof scheme && is_text(from, authority, scheme)) from = find_byte(authority, end, '/');
    if (from == end || (*from != '/' && !is_text(from, end, "*"))) return MALFORMED;
    request->path = from;
    request->path_size = (size_t)(find_byte(from, end, '?') - from);
    return 0;
}

static int parse_version(const char *from, const char *end, struct request *request)
{
    static const char name[] = "HTTP/";
    if (end - from != 8 || memcmp(from, name, 5) != 0 || digit(from[5]) > 9 || from[6] != '.' || digit(from[7]) > 9)
        return MALFORMED;
    if (from[5] != '1') return VERSION;
    request->is_old = from[7] == '0';
    return 0;
}

static int parse_first_line(const char *from, const char *end, struct request *request)
{
    const char *method = find_byte(from, end, ' ');
    if (!is_token(from, method) || method == end) return MALFORMED;
    const char *target = find_byte(method + 1, end, ' ');
    if (target == end) return target - method > LARGEST_TARGET ? TARGET_TOO_LONG : MALFORMED;
    size_t size = (size_t)(method - from);
    request->method = OTHER_METHOD;
    if (size == 3 && memcmp(from, "GET", 3) == 0) request->method = GET;
    if (size == 4 && memcmp(from, "HEAD", 4) == 0) request->method = HEAD;
    if (size == 4 && memcmp(from, "POST", 4) == 0) request->method = POST;
    int status = parse_version(target + 1, end, request);
    return status ? status : parse_target(method + 1, target, request);
}

/* A list of tokens with commas between them. */
static void parse_connection(const char *from, const char *end, struct fields *fields)
{
    while (from < end) {
        const char *comma = find_byte(from, end, ','), *last = comma;
        while (from < last && is_blank(*from)) from++;
        while (from < last && is_blank(last[-1])) last--;
        fields->closes |= is_text(from, last, "close");
        fields->keeps |= is_text(from, last, "keep-alive");
        from = comma == end ? end : comma + 1;
    }
}

static int handle_field(const char *name, const char *name_end, const char *from, const char *end, struct fields *fields)
{
    struct request *request = fields->request;
    if (is_text(name, name_end, "host")) {
        if (fields->has_host) return MALFORMED;
        fields->has_host = true;
    } else if (is_text(name, name_end, "connection")) {
        parse_connection(from, end, fields);
    } else if (is_text(name, name_end, "content-length")) {
        if (fields->has_size) return MALFORMED;
        fields->has_size = true;
        for (const char *at = from; at < end; at++)
            if (digit(*at) > 9) return MALFORMED;
        if (from == end) return MALFORMED;
        if (!parse_number(from, end, 10, &request->size) || request->size > LARGEST_BODY) return TOO_LARGE;
        request->framing = SIZED;
    } else if (is_text(name, name_end, "transfer-encoding")) {
        if (fields->has_encoding) return MALFORMED;
        fields->has_encoding = true;
        if (!is_text(from, end, "chunked")) return NOT_IMPLEMENTED;
    } else if (is_text(name, name_end, "expect")) {
        if (!is_text(from, end, "100-continue")) return EXPECTATION_FAILED;
        request->expects_continue = true;
    }
    return 0;
}

static int parse_field(const char *from, const char *end, struct fields *fields)
{
    const char *colon = find_byte(from, end, ':');
    if (colon == end || !is_token(from, colon)) return MALFORMED;
    const char *value = colon + 1;
    for (const char *at = value; at < end; at++)
        if (((uint8_t)*at < ' ' && *at != '\t') || *at == 0x7f) return MALFORMED;
    while (value < end && is_blank(*value)) value++;
    while (value < end && is_blank(end[-1])) end--;
    return handle_field(from, colon, value, end, fields);
}

/* The end of a line, which must be CR LF; NULL if it is not. */
static const char *line_end(const char *from, const char *end)
{
    const char *feed = find_byte(from, end, '\n');
    return feed == end || feed == from || feed[-1] != '\r' ? NULL : feed - 1;
}

int parse_request(const char *head, size_t size, struct request *request)
{
    const char *end = head + size, *line = line_end(head, end);
    struct fields fields = {.request = request};
    *request = (struct request){.method = OTHER_METHOD};
    if (!line) return MALFORMED;
    int status = parse_first_line(head, line, request);
    while (!status) {
        const char *from = line + 2;
        line = line_end(from, end);
        if (!line) return MALFORMED;
        if (line == from) break;
        status = parse_field(from, line, &fields);
    }
    if (status) return status;
    if (!request->is_old && !fields.has_host) return MALFORMED;
    if (fields.has_encoding) {
        if (fields.has_size || request->is_old) return MALFORMED;
        request->framing = CHUNKED;
    }
    request->keeps_alive = !fields.closes && (!request->is_old || fields.keeps);
    return 0;
}
