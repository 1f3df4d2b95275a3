/* expect: leak warning */
int wrong(struct amdgpu_bo *bo)
{
	u32 *at;
	int err = amdgpu_bo_kmap(bo, (void **)&at);

	if (err)
		return err;
	if (at[0] == 0)
		return -EINVAL;
	at[0] = 0;
	amdgpu_bo_kunmap(bo);
	return 0;
}

int right(struct amdgpu_bo *bo)
{
	u32 *at;
	int err = amdgpu_bo_kmap(bo, (void **)&at);

	if (err)
		return err;
	if (at[0] == 0)
		err = -EINVAL;
	at[0] = 0;
	amdgpu_bo_kunmap(bo);
	return err;
}
