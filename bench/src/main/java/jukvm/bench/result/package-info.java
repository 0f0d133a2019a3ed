/**
 * What an experiment found, as values: {@code results.json} is exactly these records, in snake
 * case.
 *
 * <p>Here is the arithmetic that needs nothing but results: ratios, the verdict, reading and
 * writing the document. Nothing here measures or draws.
 */
@NullMarked
package jukvm.bench.result;

import org.jspecify.annotations.NullMarked;
