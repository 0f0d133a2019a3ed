/* Computes with SSE, single and double, on data the compiler cannot fold, and checks the results. */
#include "guest.h"

typedef float floats __attribute__((vector_size(16)));
typedef double doubles __attribute__((vector_size(16)));

static volatile floats left = {1, 2, -3, 0.5f}, right = {8, 0.25f, 4, -2};
static volatile doubles pair = {10, -6}, divisor = {4, 1.5};
static volatile double square = 152399025, half = -2.5;
static volatile float single;
static volatile int64_t whole = -123456789012345;

static double square_root(double value)
{
    __asm__("sqrtsd %0, %0" : "+x"(value));
    return value;
}

static double widen(float value)
{
    double wide;
    __asm__("cvtss2sd %1, %0" : "=x"(wide) : "x"(value));
    return wide;
}

static bool equal(floats a, float x, float y, float z, float w)
{
    return a[0] == x && a[1] == y && a[2] == z && a[3] == w;
}

/* Returns what went wrong, or NULL. */
static const char *check(void)
{
    uint32_t mxcsr;
    __asm__ volatile("stmxcsr %0" : "=m"(mxcsr));
    if (mxcsr != 0x1f80) return "MXCSR is not at its reset value 0x1f80";
    floats a = left, b = right;
    if (!equal(a * b, 8, 0.5f, -12, -1)) return "mulps";
    if (!equal(a / b, 0.125f, 8, -0.75f, -0.25f)) return "divps";
    if (!equal(a + b, 9, 2.25f, 1, -1.5f)) return "addps";
    doubles quotient = pair / divisor;
    if (quotient[0] != 2.5 || quotient[1] != -4) return "divpd";
    if (square_root(square) != 12345) return "sqrtsd";
    if ((double)whole != -123456789012345.0) return "cvtsi2sd";
    if ((int64_t)half != -2) return "cvttsd2si";
    single = (float)half;
    if (widen(single) != -2.5) return "cvtsd2ss or cvtss2sd";
    return NULL;
}

int guest_main(const struct boot *boot)
{
    (void)boot;
    const char *wrong = check();
    if (!wrong) {
        print_text("SUCCESS\n");
        return 0;
    }
    struct line line;
    line.used = 0;
    add_text(&line, "FAILURE: ");
    add_text(&line, wrong);
    add_text(&line, "\n");
    print(&line);
    return 1;
}
