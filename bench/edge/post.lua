-- For wrk: the question of BENCH_BODY with the headers of BENCH_HEADERS ("name: value|name: value").
wrk.method = "POST"
local file = assert(io.open(os.getenv("BENCH_BODY"), "rb"))
wrk.body = file:read("*a")
file:close()
wrk.headers["content-type"] = "application/json"
for header in string.gmatch(os.getenv("BENCH_HEADERS") or "", "([^|]+)") do
  local name, value = header:match("^([^:]+): *(.*)$")
  wrk.headers[name] = value
end
done = function(summary)
  local errors = summary.errors
  io.write(string.format('\n{"requests":%d,"seconds":%.3f,"refused":%d,"broken":%d}\n', summary.requests,
    summary.duration / 1e6, errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
