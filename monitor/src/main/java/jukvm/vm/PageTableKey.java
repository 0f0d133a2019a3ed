package jukvm.vm;

import java.util.List;
import jukvm.image.Segment;

/**
 * What the page tables of a guest follow from, beside its privilege level and memory.
 *
 * @param segments of its image
 * @param ownsLowMemory as its dialect says
 */
public record PageTableKey(List<Segment> segments, boolean ownsLowMemory) {}
