/**
 * Guests in processes of their own, as the process sees it that asks for them: workers that are
 * started ahead and kept, one tenant's each, and one session for each guest, which serves the
 * devices that are its embedder's. What comes from a worker is hostile: its guest may have taken it
 * over. The other side is {@code jukvm.worker}.
 */
@NullMarked
package jukvm.isolation;

import org.jspecify.annotations.NullMarked;
