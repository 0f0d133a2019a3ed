package jukvm.vm;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import jukvm.error.HostException;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;

/**
 * The laid-out images that guests were started of more than once: so many and so much, those used
 * last, and for no longer than somebody has the image. A guest of an image that is read anew each
 * time never sees its second use, and costs no template. Thread-safe.
 */
public final class Templates implements AutoCloseable {
    private static final int CAPACITY = 64;

    private final long keepBytes;

    // In order of use; without a template after the first.
    private final Map<TemplateKey, Use> uses = new LinkedHashMap<>(16, 0.75f, true);
    private long bytes;
    private boolean closed;

    private static final class Use {
        private boolean isRefused;
        private @Nullable MemoryTemplate template;
    }

    /**
     * Makes an empty one.
     *
     * @param keepBytes how much memory of the host templates may take together
     */
    public Templates(long keepBytes) {
        this.keepBytes = keepBytes;
    }

    /** Returns the template, null if there is none yet. */
    public synchronized @Nullable MemoryTemplate find(TemplateKey key) {
        Use use = uses.get(key);
        return use == null ? null : use.template;
    }

    /**
     * Notes that a guest was run without a template.
     *
     * @return whether it was not the first, so that one is worth while
     */
    synchronized boolean isWanted(TemplateKey key) {
        if (closed) {
            return false;
        }
        Use use = uses.get(key);
        if (use != null) {
            return use.template == null && !use.isRefused;
        }
        forgetUnused();
        uses.put(key, new Use());
        makeRoom(0);
        return false;
    }

    /** Gives up those whose images nobody has any more. */
    synchronized void forgetUnused() {
        for (Iterator<Map.Entry<TemplateKey, Use>> each = uses.entrySet().iterator();
                each.hasNext(); ) {
            Map.Entry<TemplateKey, Use> entry = each.next();
            if (entry.getKey().isUnused()) {
                each.remove();
                close(entry.getValue());
            }
        }
    }

    // Begins with those that were not used for longest.
    private void makeRoom(long wanted) {
        Iterator<Use> oldest = uses.values().iterator();
        while (uses.size() > CAPACITY || bytes > keepBytes - wanted && oldest.hasNext()) {
            Use use = oldest.next();
            if (uses.size() > CAPACITY || use.template != null) {
                oldest.remove();
                close(use);
            }
        }
    }

    /**
     * Adds a template, unless somebody else has meanwhile.
     *
     * @param maker makes it; called without any lock
     * @return the one there is now; null if there is none, because the host refused, it is too
     *     large or it was not used for long
     */
    @Nullable MemoryTemplate add(TemplateKey key, Supplier<MemoryTemplate> maker) {
        MemoryTemplate made;
        try {
            made = maker.get();
        } catch (HostException e) {
            refused(key); // Guests run without: it is only slower.
            return null;
        }
        synchronized (this) {
            Use use = uses.get(key);
            if (use != null && use.template == null && !closed && made.bytes() <= keepBytes) {
                makeRoom(made.bytes());
                use.template = made;
                bytes += made.bytes();
                return made;
            }
            made.close();
            if (use != null && use.template == null) {
                use.isRefused = true; // The next would be as large.
            }
            return use == null ? null : use.template;
        }
    }

    private synchronized void refused(TemplateKey key) {
        Use use = uses.get(key);
        if (use != null) {
            use.isRefused = true;
        }
    }

    /** Closes all templates; guests that began with them are not concerned. */
    @Override
    public synchronized void close() {
        closed = true;
        List<Use> all = new ArrayList<>(uses.values());
        uses.clear();
        all.forEach(this::close);
    }

    private void close(Use use) {
        MemoryTemplate given = use.template;
        if (given != null) {
            use.template = null;
            bytes -= given.bytes();
            given.close();
        }
    }
}
