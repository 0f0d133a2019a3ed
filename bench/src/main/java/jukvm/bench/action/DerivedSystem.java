package jukvm.bench.action;

/**
 * A system whose actions are another's and something more. It is measured in that one's state, on
 * threads that are as that one's, and does not close it.
 */
public abstract class DerivedSystem implements ActionSystem {
    private final ActionSystem base;
    private final Identity identity;

    protected DerivedSystem(ActionSystem base, Identity identity) {
        this.base = base;
        this.identity = identity;
    }

    @Override
    public final Identity identity() {
        return identity;
    }

    @Override
    public final Worker worker() {
        base.worker().close(); // The thread is to be as the system's.
        return newWorker();
    }

    /** Makes a worker for the calling thread, which is as the other system's. */
    protected abstract Worker newWorker();

    @Override
    public final boolean isInThisJvm() {
        return base.isInThisJvm();
    }

    @Override
    public final void enter() {
        base.enter();
    }

    @Override
    public final void leave() {
        base.leave();
    }
}
