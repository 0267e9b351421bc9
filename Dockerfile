# The explorer for who hosts it elsewhere: docker build -t explorer . && docker run -p 7860:7860 explorer
FROM python:3.12-slim
WORKDIR /explorer
COPY requirements.txt .
RUN pip install --no-cache-dir --extra-index-url https://download.pytorch.org/whl/cpu -r requirements.txt
COPY . .
# Compiled kernels and temporary files go where this user may write.
RUN useradd --create-home explorer
USER explorer
ENV GRADIO_SERVER_NAME=0.0.0.0 GRADIO_ANALYTICS_ENABLED=False PYTHONUNBUFFERED=1
# Kernels are compiled now for this kind of processor, so that a start need not; the folder is for a volume of the Hub's cache.
RUN mkdir -p ~/.cache/huggingface && python -c "from train import engines; engines.prepare('cpu')"
EXPOSE 7860
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=120s CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:7860/healthz', timeout=5)"]
CMD ["python", "app.py"]
