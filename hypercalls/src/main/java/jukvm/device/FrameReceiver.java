package jukvm.device;

import java.nio.ByteBuffer;

/** Java code that takes a port's frames as they come, in place of a queue to read them from. */
interface FrameReceiver {
    /**
     * Takes a frame. Called on its sender's thread, which may be a guest's, and by several threads
     * at a time; so it neither blocks nor throws.
     *
     * @param port where it has arrived
     * @param frame all between position and limit, at most what the port's MTU allows. Neither is
     *     moved; hostile, and the guest may still change the bytes.
     */
    void receive(SwitchPort port, ByteBuffer frame);

    /** Is told, once, that the port was closed. */
    void close();
}
