/* Shows the physical limit: one call from JavaScript walks all segments with memcpy. Only the bench uses it. */
#include <node_api.h>
#include <stdlib.h>
#include <string.h>

struct segment {
	void *data;
	size_t length;
};

static struct segment *segments;
static uint32_t count;
static char *target;

/* prepare(views, target): stores where the bytes are. The caller must keep the arrays alive. */
static napi_value prepare(napi_env env, napi_callback_info info)
{
	napi_value args[2];
	size_t argc = 2;
	napi_get_cb_info(env, info, &argc, args, NULL, NULL);
	napi_get_array_length(env, args[0], &count);
	segments = realloc(segments, count * sizeof(*segments));
	for (uint32_t i = 0; i < count; i++) {
		napi_value view;
		napi_get_element(env, args[0], i, &view);
		napi_get_typedarray_info(env, view, NULL, &segments[i].length, &segments[i].data, NULL, NULL);
	}
	void *data;
	napi_get_typedarray_info(env, args[1], NULL, NULL, &data, NULL, NULL);
	target = data;
	return NULL;
}

/* walk(): copies every segment behind the one before. */
static napi_value walk(napi_env env, napi_callback_info info)
{
	char *to = target;
	for (uint32_t i = 0; i < count; i++) {
		memcpy(to, segments[i].data, segments[i].length);
		to += segments[i].length;
	}
	return NULL;
}

NAPI_MODULE_INIT()
{
	napi_value fn;
	napi_create_function(env, "prepare", NAPI_AUTO_LENGTH, prepare, NULL, &fn);
	napi_set_named_property(env, exports, "prepare", fn);
	napi_create_function(env, "walk", NAPI_AUTO_LENGTH, walk, NULL, &fn);
	napi_set_named_property(env, exports, "walk", fn);
	return exports;
}
