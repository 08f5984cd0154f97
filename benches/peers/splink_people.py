"""Splink on people: what the scripts beside this one have in common.

Files have the columns unique_id first_name surname dob email phone street city postcode, and what else there is.
"""
import logging, warnings

warnings.filterwarnings("ignore")
logging.getLogger("splink").setLevel(logging.ERROR)
import duckdb
import splink.comparison_library as cl
from splink import block_on
from splink.backends.duckdb import DuckDBAPI

ADJUSTED = dict(term_frequency_adjustments=True)


def load(data):
    """A connection of one thread with the file as the table src, and Splink's view of it."""
    con = duckdb.connect()
    con.execute("SET threads=1")
    con.execute(f"create table src as select * from read_csv('{data}', all_varchar=true, nullstr='')")
    return con, DuckDBAPI(con)


def comparisons():
    return [
        cl.NameComparison("first_name").configure(**ADJUSTED),
        cl.NameComparison("surname").configure(**ADJUSTED),
        cl.DateOfBirthComparison("dob", input_is_string=True, datetime_format="%Y-%m-%d"),
        cl.EmailComparison("email").configure(**ADJUSTED),
        cl.LevenshteinAtThresholds("phone", [1, 2]),
        cl.JaroWinklerAtThresholds("street", [0.95, 0.88]),
        cl.ExactMatch("city").configure(**ADJUSTED),
        cl.LevenshteinAtThresholds("postcode", [1, 2]),
    ]


def rules():
    return [
        block_on("email"), block_on("phone"), block_on("first_name", "surname"), block_on("surname", "dob"),
        block_on("first_name", "dob"), block_on("dob", "postcode"), block_on("surname", "postcode"),
        block_on("street", "postcode"),
    ]
