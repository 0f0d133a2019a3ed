package jukvm.bench.action;

import jukvm.bench.result.SystemResult;

/**
 * What a system is, as reports show it.
 *
 * @param id short name
 * @param title for people
 * @param kind what isolates an action
 * @param how command line, or what the library does
 * @param version of the program, as it says itself
 * @param kept what is kept from one action to the next; empty if nothing is
 */
public record Identity(
        String id, String title, SystemResult.Kind kind, String how, String version, String kept) {}
