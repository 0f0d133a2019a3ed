package jukvm.monitor;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import jukvm.error.HostException;
import jukvm.memory.MemoryTemplate;
import org.jspecify.annotations.Nullable;

/**
 * The laid-out images that guests were started of more than once: so many, those used last. A guest
 * of an image that is read anew each time never sees its second use, and costs no template.
 * Thread-safe.
 */
final class Templates implements AutoCloseable {
    private static final int CAPACITY = 64;

    // In order of use; without a template after the first.
    private final Map<TemplateKey, Use> uses = new LinkedHashMap<>(16, 0.75f, true);
    private boolean closed;

    private static final class Use {
        private boolean isRefused;
        private @Nullable MemoryTemplate template;
    }

    /** Returns the template, null if there is none yet. */
    synchronized @Nullable MemoryTemplate find(TemplateKey key) {
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
        uses.put(key, new Use());
        if (uses.size() > CAPACITY) {
            TemplateKey oldest = uses.keySet().iterator().next();
            close(uses.remove(oldest));
        }
        return false;
    }

    /**
     * Adds a template, unless somebody else has meanwhile.
     *
     * @param maker makes it; called without any lock
     * @return the one there is now; null if there is none, because the host refused or it was not
     *     used for long
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
            if (use != null && use.template == null && !closed) {
                use.template = made;
                return made;
            }
            made.close();
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
        all.forEach(Templates::close);
    }

    private static void close(@Nullable Use use) {
        if (use != null && use.template != null) {
            use.template.close();
        }
    }
}
