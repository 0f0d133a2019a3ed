package jukvm.device;

/** What a device's hypercall returns to the guest. Source: solo5.h, solo5_result_t. */
public enum IoResult {
    OK(0),
    AGAIN(1),
    EINVAL(2),
    EUNSPEC(3);

    private final int number;

    IoResult(int number) {
        this.number = number;
    }

    /** Returns the number of solo5.h; guests before Solo5 0.6 know only 0 and -1. */
    public int number() {
        return number;
    }
}
