/**
 * Container engines that are started for an experiment, and the systems that ask them for a
 * container: with a static program, by runc, and with a guest, by jukvm. They and all they start
 * are in namespaces of their own, and end with the experiment.
 */
@NullMarked
package jukvm.bench.engine;

import org.jspecify.annotations.NullMarked;
